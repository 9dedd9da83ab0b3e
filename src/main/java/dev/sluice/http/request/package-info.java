/** Requests to services over NATS, with one reply or many. */
@org.jspecify.annotations.NullMarked
package dev.sluice.http.request;
