package dev.sluice.reliability;

/** One place where what was promised and what happened differ. */
record Difference(Rule rule, String detail) {
    @Override
    public String toString() {
        return rule + ": " + detail;
    }
}
