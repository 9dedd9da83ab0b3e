package dev.sluice.bench;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;

/** Resource usage of this process up to a moment. */
record Usage(long nanos, long allocated, long cpuNanos) {

    static Usage now() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long allocated = Arrays.stream(threads.getThreadAllocatedBytes(threads.getAllThreadIds()))
                .filter(bytes -> bytes > 0)
                .sum();
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return new Usage(System.nanoTime(), allocated, system.getProcessCpuTime());
    }

    /** Returns the usage per message since this moment. */
    Figures perMessage(int messages) {
        Usage now = now();
        return new Figures(
                messages / ((now.nanos - nanos) / 1e9),
                (double) (now.allocated - allocated) / messages,
                (now.cpuNanos - cpuNanos) / 1e3 / messages);
    }
}
