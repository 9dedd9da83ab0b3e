package dev.sluice.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/** Measurements of one side of a comparison. */
record Figures(double perSecond, double bytesPerMessage, double cpuMicrosPerMessage) {

    static Figures median(List<Figures> rounds) {
        return new Figures(
                median(rounds, Figures::perSecond),
                median(rounds, Figures::bytesPerMessage),
                median(rounds, Figures::cpuMicrosPerMessage));
    }

    private static double median(List<Figures> rounds, ToDoubleFunction<Figures> figure) {
        return rounds.stream().mapToDouble(figure).sorted().toArray()[rounds.size() / 2];
    }

    @Override
    public String toString() {
        return "%,10.0f msg/s %,8.0f B/msg %6.2f us of client CPU/msg"
                .formatted(perSecond, bytesPerMessage, cpuMicrosPerMessage);
    }
}
