/** Problem details (RFC 9457): the types of problem, and the mapping of every failure to one. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.problem;
