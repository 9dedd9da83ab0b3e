package dev.sluice.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The largest valid value of a configuration key: a number, a size or a duration, as written in the configuration. */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface AtMost {
    /** {@link Integer#MAX_VALUE}. */
    String MAX_INT = "2147483647";

    String value();
}
