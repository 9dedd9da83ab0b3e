package dev.sluice.access;

/** A link that the console shows while its target exists. {@code GET /session} returns it under its name. */
public interface ConsoleLink {
    String name();

    /** Returns the address, relative to the console. */
    String address();

    /** Returns whether the target exists now. */
    boolean present();
}
