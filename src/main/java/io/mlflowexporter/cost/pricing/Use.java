package io.mlflowexporter.cost.pricing;

import io.mlflowexporter.settings.CheckedElement;
import io.mlflowexporter.settings.Place;
import io.mlflowexporter.settings.Setting;
import io.mlflowexporter.settings.value.Quoted;
import java.util.Optional;

/** One resource a run used. A quantity is a number, {@code tag:NAME} or {@code param:NAME}, with {@code else NUMBER}. */
public record Use(
        @Setting("The resource's name.") String resource,
        @Setting(value = "How many of it.", byDefault = "1") Quantity count,

        @Setting("Virtual CPUs each had; for resources priced by rates.")
        Optional<Quantity> vcpus,

        @Setting("GiB of memory each had; for resources priced by rates.")
        Optional<Quantity> memoryGib,

        @Setting("GPUs each had; for resources priced by rates.")
        Optional<Quantity> gpus,

        @Setting("The GPUs' model as in the rates: a name, tag:NAME or param:NAME.")
        Optional<String> gpuModel,

        Place place)
        implements CheckedElement {
    @Override
    public void check(Complaints complaints) {
        if (gpus.isPresent() && gpuModel.isEmpty()) {
            complaints.error("gpu_model", "is missing: gpus is given, and the model decides the rate");
        }
        if (gpuModel.isPresent() && gpus.isEmpty()) {
            complaints.error("gpu_model", "is given without gpus");
        }
        gpuModel.filter(model -> model.equals("tag:") || model.equals("param:"))
                .ifPresent(model ->
                        complaints.error("gpu_model", Quoted.shown(model) + " lacks the name after the colon"));
    }
}
