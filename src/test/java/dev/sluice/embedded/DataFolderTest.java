package dev.sluice.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.failure.SluiceException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Choice of the data folder. Two servers never share a folder. */
class DataFolderTest {
    @TempDir
    Path cache;

    @Test
    void isKeptInTheCacheDirectory() throws Exception {
        try (DataFolder data = DataFolder.open(config())) {
            assertThat(data.path()).isEqualTo(cache.resolve("data"));
        }
        assertThat(cache.resolve("data")).exists();
    }

    @Test
    void canBeOpenedAgainAfterItIsClosed() throws Exception {
        DataFolder.open(config()).close();

        try (DataFolder data = DataFolder.open(config())) {
            assertThat(data.path()).isEqualTo(cache.resolve("data"));
        }
    }

    @Test
    void aSecondInstanceGetsATemporaryFolderThatIsDeletedAtClose() throws Exception {
        try (DataFolder first = DataFolder.open(config())) {
            DataFolder second = DataFolder.open(config());
            assertThat(second.path()).isNotEqualTo(first.path()).exists();

            second.close();

            assertThat(second.path()).doesNotExist();
            assertThat(first.path()).exists();
        }
    }

    @Test
    void rejectsAConfiguredFolderThatIsInUse() throws Exception {
        EmbeddedConfig config = config("data-directory", cache.resolve("mine").toString());
        try (DataFolder first = DataFolder.open(config)) {
            assertThatThrownBy(() -> DataFolder.open(config))
                    .isInstanceOf(SluiceException.class)
                    .hasMessageContaining(first.path().toString());
        }
    }

    @Test
    void isTemporaryWithoutKeepData() throws Exception {
        DataFolder data = DataFolder.open(config("keep-data", "false"));

        data.close();

        assertThat(data.path()).doesNotExist();
        assertThat(cache).isEmptyDirectory();
    }

    private EmbeddedConfig config(String... keysAndValues) {
        return EmbeddedSettings.in(cache, keysAndValues);
    }
}
