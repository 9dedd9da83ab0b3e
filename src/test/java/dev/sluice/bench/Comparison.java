package dev.sluice.bench;

import java.util.ArrayList;
import java.util.List;

/** Compares two implementations in alternating rounds. Prints each round, the medians and their ratio. */
record Comparison(String theirName, Side theirs, String ourName, Side ours) {
    private static final int WARM_UPS = 2;

    interface Side {
        Figures measure() throws Exception;
    }

    void run(int rounds) throws Exception {
        List<Figures> allTheirs = new ArrayList<>();
        List<Figures> allOurs = new ArrayList<>();
        for (int round = 0; round < WARM_UPS + rounds; round++) {
            Figures oneOfTheirs = theirs.measure();
            Figures oneOfOurs = ours.measure();
            print("round " + round, oneOfTheirs, oneOfOurs);
            if (round >= WARM_UPS) {
                allTheirs.add(oneOfTheirs);
                allOurs.add(oneOfOurs);
            }
        }
        Figures their = Figures.median(allTheirs);
        Figures our = Figures.median(allOurs);
        print("median", their, our);
        System.out.printf(
                "ratio: %.2f times the messages per second, %.2f times the bytes, %.2f times the client's CPU per message%n",
                our.perSecond() / their.perSecond(),
                our.bytesPerMessage() / their.bytesPerMessage(),
                our.cpuMicrosPerMessage() / their.cpuMicrosPerMessage());
    }

    private void print(String title, Figures their, Figures our) {
        System.out.printf("%s%n  %-16s%s%n  %-16s%s%n", title, theirName, their, ourName, our);
    }
}
