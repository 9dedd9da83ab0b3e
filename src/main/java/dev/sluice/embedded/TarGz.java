package dev.sluice.embedded;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/**
 * Extracts one file from a gzipped tar archive. The JDK reads gzip but not tar, and small container images lack the
 * {@code tar} command. Only the names, sizes and types of the format (POSIX.1-1988 ustar) are needed.
 */
final class TarGz {
    private static final int BLOCK = 512;
    private static final int NAME_BYTES = 100;
    private static final int SIZE_OFFSET = 124;
    private static final int SIZE_BYTES = 12;
    private static final int TYPE_OFFSET = 156;

    private TarGz() {}

    /** Writes the first regular file named {@code name}, in any folder of the archive, to {@code target}. */
    static void extract(Path archive, String name, Path target) throws IOException {
        try (InputStream file = Files.newInputStream(archive);
                InputStream tar = new BufferedInputStream(new GZIPInputStream(file))) {
            for (byte[] header = tar.readNBytes(BLOCK);
                    header.length == BLOCK && header[0] != 0;
                    header = tar.readNBytes(BLOCK)) {
                long size = size(header);
                if (isFile(header) && name.equals(baseName(header))) {
                    copy(tar, size, target);
                    return;
                }
                tar.skipNBytes((size + BLOCK - 1) / BLOCK * BLOCK);
            }
        }
        throw new FileNotFoundException(name + " is not in the archive");
    }

    private static void copy(InputStream tar, long size, Path target) throws IOException {
        byte[] chunk = new byte[64 * 1024];
        try (OutputStream out = Files.newOutputStream(target)) {
            for (long left = size; left > 0; ) {
                int read = tar.read(chunk, 0, (int) Math.min(left, chunk.length));
                if (read < 0) {
                    throw new EOFException("the archive ends within " + target.getFileName());
                }
                out.write(chunk, 0, read);
                left -= read;
            }
        }
    }

    private static boolean isFile(byte[] header) {
        return header[TYPE_OFFSET] == '0' || header[TYPE_OFFSET] == 0;
    }

    private static String baseName(byte[] header) {
        String path = text(header, 0, NAME_BYTES);
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static long size(byte[] header) throws IOException {
        String octal = text(header, SIZE_OFFSET, SIZE_BYTES).strip();
        try {
            return octal.isEmpty() ? 0 : Long.parseLong(octal, 8);
        } catch (NumberFormatException e) {
            throw new IOException("not a tar archive: size " + octal, e);
        }
    }

    private static String text(byte[] header, int offset, int length) {
        int end = offset;
        while (end < offset + length && header[end] != 0) {
            end++;
        }
        return new String(header, offset, end - offset, StandardCharsets.UTF_8);
    }
}
