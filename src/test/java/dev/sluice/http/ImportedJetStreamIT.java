package dev.sluice.http;

import dev.sluice.support.ImportedJetStreamResource;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** JetStream of another account, imported under a prefix. */
@QuarkusTest
@QuarkusTestResource(value = ImportedJetStreamResource.class, restrictToAnnotatedClass = true)
class ImportedJetStreamIT extends OtherApiPrefixWork {}
