package io.mlflowexporter.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares one setting of the configuration: the record component it stands on is its name in the file, written in
 * {@code snake_case}. Binding, {@code check-config}, the flags and the reference in {@code docs/configuration.md} all
 * read this declaration.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Setting {
    /** One or two sentences for the reference: what it does, its unit. */
    String value();

    /** Default as it would stand in the file; empty for unset (only on components that are optional or collections). */
    String byDefault() default "";

    /** Environment variables that set it, strongest first. */
    String[] env() default {};

    /** Never printed, logged or shown; {@code check-config --show} masks it. */
    boolean secret() default false;

    /** Least allowed value, for numbers, durations (as {@code 1s}) and byte sizes; empty for none. */
    String min() default "";

    /** Greatest allowed value; empty for none. */
    String max() default "";
}
