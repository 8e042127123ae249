package io.mlflowexporter.settings;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A key that has no effect: a setting that the section had once, which is accepted for one minor version, or one of a
 * format that others define. A warning says so where it is set; {@code docs/upgrading.md} lists it.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(RetiredSetting.All.class)
public @interface RetiredSetting {
    /** Its name in the section, in {@code snake_case}. */
    String key();

    /** What took its place, for the warning: the end of a sentence. */
    String reason();

    /** Whether it is accepted for good, since the format is not ours. */
    boolean accepted() default false;

    /** Several of one section. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE)
    @interface All {
        /** Each of them. */
        RetiredSetting[] value();
    }
}
