package io.mlflowexporter.demo.life;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The KPIs that go with the simulated history. */
public final class DemoKpis {
    private DemoKpis() {}

    /** Writes the KPIs to a file that is deleted when the process ends. */
    public static Path file() throws IOException {
        Path file = Files.createTempFile("mlflow-exporter-demo-kpis", ".yaml");
        file.toFile().deleteOnExit();
        try (InputStream in = DemoKpis.class.getResourceAsStream("kpis.yaml")) {
            if (in == null) {
                throw new IOException("the program's own kpis.yaml is missing");
            }
            Files.copy(in, file, StandardCopyOption.REPLACE_EXISTING);
        }
        return file;
    }
}
