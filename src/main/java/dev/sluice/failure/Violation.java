package dev.sluice.failure;

/**
 * One broken rule of a request.
 *
 * @param field name of the parameter or attribute, or path of the field in the body
 */
public record Violation(String field, String rule) {}
