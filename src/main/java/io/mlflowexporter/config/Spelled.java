package io.mlflowexporter.config;

/** Constants whose names in the file are not ours to choose. */
interface Spelled {
    /** The constant as it stands in the file. */
    String spelling();
}
