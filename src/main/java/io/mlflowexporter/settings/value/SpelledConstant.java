package io.mlflowexporter.settings.value;

/** Constants whose names in the file are not ours to choose. */
public interface SpelledConstant {
    /** The constant as it stands in the file. */
    String spelling();
}
