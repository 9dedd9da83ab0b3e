package dev.sluice.reliability;

/** One violation of a rule. */
record Difference(Rule rule, String detail) {
    @Override
    public String toString() {
        return rule + ": " + detail;
    }
}
