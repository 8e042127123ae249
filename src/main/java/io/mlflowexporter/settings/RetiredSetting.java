package io.mlflowexporter.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A setting that the section had once. Where it is still set, in the file or by its variable, it changes nothing and a
 * warning says so, for one minor version; {@code docs/upgrading.md} lists it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(RetiredSetting.All.class)
public @interface RetiredSetting {
    /** Its name in the section, in {@code snake_case}. */
    String key();

    /** What took its place, for the warning: the end of a sentence. */
    String reason();

    /** Several of one section. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE)
    @interface All {
        /** Each of them. */
        RetiredSetting[] value();
    }
}
