package io.mlflowexporter.settings.value;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Declares a class whose values can be settings. Its static method {@code of(String)} reads one and refuses a text with a
 * {@code BadValueException}; {@code toString} writes it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface SettingType {
    /** What its values are called in messages and the reference, such as {@code pattern}. */
    String value();

    /** What JSON Schema calls what may stand in the file. */
    String[] json() default "string";

    /** What every text of it matches, for editors; empty for any. */
    String pattern() default "";

    /** Whether it is always written in quotes. */
    boolean quoted() default false;
}
