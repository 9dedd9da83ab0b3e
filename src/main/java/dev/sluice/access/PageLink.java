package dev.sluice.access;

/** A link that the page shows while its target exists. {@code GET /session} returns it under its name. */
public interface PageLink {
    String name();

    /** Returns the address, relative to the page. */
    String address();

    /** Returns whether the target exists now. */
    boolean present();
}
