/** Orders, the example application: intake, workers, status, dead letters and REST API. Can be deleted with its settings. */
@org.jspecify.annotations.NullMarked
package dev.sluice.orders;
