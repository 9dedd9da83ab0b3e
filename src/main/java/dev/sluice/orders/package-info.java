/** The seed's orders: intake, workers, status, dead letters, and their REST face. Can be deleted with its settings. */
@org.jspecify.annotations.NullMarked
package dev.sluice.orders;
