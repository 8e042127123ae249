package io.mlflowexporter.dashboards;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** A table's columns: labels and values in the order they were named. */
final class Columns {
    private static final char FIRST_REF_ID = 'A';

    private record Column(String label, String name) {}

    private final List<Column> shown = new ArrayList<>();
    private final List<String> hidden = new ArrayList<>(List.of("Time"));

    void label(String label, String name) {
        shown.add(new Column(label, name));
    }

    void value(String name) {
        shown.add(new Column("", name));
    }

    void without(String field) {
        hidden.add(field);
    }

    /** Joins the queries' rows by their labels, and orders and names the columns. */
    ArrayNode transformations(int queries) {
        ArrayNode steps = JsonNodeFactory.instance.arrayNode();
        steps.addObject().put("id", "merge").putObject("options");
        ObjectNode organize = steps.addObject().put("id", "organize").putObject("options");
        ObjectNode excluded = organize.putObject("excludeByName");
        hidden.forEach(field -> excluded.put(field, true));
        ObjectNode order = organize.putObject("indexByName");
        ObjectNode names = organize.putObject("renameByName");
        char refId = FIRST_REF_ID;
        for (Column column : shown) {
            String field = column.label();
            if (field.isEmpty()) {
                // A query that is alone has no letter.
                field = queries == 1 ? "Value" : "Value #" + refId;
                refId++;
            }
            order.put(field, order.size());
            names.put(field, column.name());
        }
        return steps;
    }
}
