package dev.sluice.access;

/** An address below the page that the page offers if it is there. {@code GET /session} returns it under its name. */
public interface PageLink {
    String name();

    /** Relative to the page. */
    String address();

    /** Returns whether it is there now. */
    boolean present();
}
