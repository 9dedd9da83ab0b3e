package dev.sluice;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.sluice.flow.Limit;
import dev.sluice.flow.Permits;
import dev.sluice.stream.JetStreamApi;
import dev.sluice.stream.JetStreamApis;
import dev.sluice.stream.publish.Publication;
import io.nats.client.Connection;
import io.nats.client.JetStream;
import io.nats.client.JetStreamManagement;
import io.nats.client.KeyValue;
import io.nats.client.Message;
import io.smallrye.mutiny.groups.UniOnItem;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Tests the architecture of the package tree: dependencies only point down the list, and each library is used only in
 * its packages.
 */
class LayeringTest {
    private static final JavaClasses SLUICE =
            new ClassFileImporter(List.of(new ImportOption.DoNotIncludeTests())).importPackages("dev.sluice");

    @Test
    void hasNoPackageCycles() {
        slices().matching("dev.sluice.(*)..").should().beFreeOfCycles().check(SLUICE);
    }

    @Test
    void partsOfStreamDependOnlyOnStream() {
        partsDependOnlyOn("dev.sluice.stream");
    }

    @Test
    void partsOfHttpDependOnlyOnHttp() {
        partsDependOnlyOn("dev.sluice.http");
    }

    /** The parts of a package are free of cycles, and the package does not depend on them. */
    private static void partsDependOnlyOn(String whole) {
        slices().matching(whole + ".(*)..").should().beFreeOfCycles().check(SLUICE);
        noClasses()
                .that()
                .resideInAPackage(whole)
                .should()
                .dependOnClassesThat()
                .resideInAPackage(whole + ".*..")
                .check(SLUICE);
    }

    @Test
    void packagesDependOnlyOnLowerLayers() {
        layeredArchitecture()
                .consideringOnlyDependenciesInLayers()
                .withOptionalLayers(true)
                .layer("config")
                .definedBy("dev.sluice.config")
                .layer("failure")
                .definedBy("dev.sluice.failure")
                .layer("flow")
                .definedBy("dev.sluice.flow")
                .layer("nats")
                .definedBy("dev.sluice.nats")
                .layer("stream")
                .definedBy("dev.sluice.stream..")
                .layer("events")
                .definedBy("dev.sluice.events")
                .layer("access")
                .definedBy("dev.sluice.access")
                .layer("orders")
                .definedBy("dev.sluice.orders")
                .layer("pricing")
                .definedBy("dev.sluice.pricing")
                .layer("cloudevents")
                .definedBy("dev.sluice.cloudevents")
                .layer("http")
                .definedBy("dev.sluice.http..")
                .layer("demo")
                .definedBy("dev.sluice.demo")
                .layer("ops")
                .definedBy("dev.sluice.ops")
                .layer("embedded")
                .definedBy("dev.sluice.embedded")
                .whereLayer("config")
                .mayNotAccessAnyLayer()
                .whereLayer("failure")
                .mayNotAccessAnyLayer()
                .whereLayer("flow")
                .mayOnlyAccessLayers("failure")
                .whereLayer("embedded")
                .mayOnlyAccessLayers("flow", "failure", "config")
                .whereLayer("nats")
                .mayOnlyAccessLayers("flow", "failure", "config", "embedded")
                .whereLayer("stream")
                .mayOnlyAccessLayers("nats", "flow", "failure", "config")
                .whereLayer("events")
                .mayOnlyAccessLayers("stream", "nats", "flow", "failure", "config")
                .whereLayer("access")
                .mayOnlyAccessLayers("stream", "nats", "flow", "failure", "config")
                .whereLayer("orders")
                .mayOnlyAccessLayers("access", "events", "stream", "nats", "flow", "failure", "config")
                .whereLayer("pricing")
                .mayOnlyAccessLayers("access", "stream", "nats", "flow", "failure", "config")
                .whereLayer("cloudevents")
                .mayOnlyAccessLayers("nats", "failure")
                .whereLayer("demo")
                .mayOnlyAccessLayers("access", "stream", "nats", "flow", "failure")
                .whereLayer("demo")
                .mayNotBeAccessedByAnyLayer()
                .whereLayer("ops")
                .mayNotBeAccessedByAnyLayer()
                .check(SLUICE);
    }

    /** One constraint would make Hibernate Validator read every mapping of Quarkus and its extensions at startup. */
    @Test
    void configurationHasNoConstraintsOfHibernateValidator() {
        noClasses()
                .that()
                .areInterfaces()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("jakarta.validation..", "org.hibernate.validator..")
                .check(SLUICE);
    }

    @Test
    void jnatsStaysInNatsAndStream() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.sluice.nats", "dev.sluice.stream..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.nats..")
                .check(SLUICE);
    }

    @Test
    void onlyStreamPublishesToReservedSubjects() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.sluice.stream..")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Publication.class)
                .check(SLUICE);
    }

    /**
     * The synchronous calls of jnats block the calling thread until the server responds. {@code LinkSession} waits for
     * the answers to its pings on a thread of its own.
     */
    @Test
    void nothingPublishesOrRequestsSynchronously() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.sluice.nats.LinkSession")
                .should()
                .callMethodWhere(isSynchronous())
                .check(SLUICE);
    }

    private static DescribedPredicate<JavaMethodCall> isSynchronous() {
        return DescribedPredicate.describe("waits for an answer of NATS", call -> {
            AccessTarget.MethodCallTarget target = call.getTarget();
            boolean jetStream = target.getOwner().isAssignableTo(JetStream.class)
                    || target.getOwner().isAssignableTo(JetStreamManagement.class)
                    || target.getOwner().isAssignableTo(KeyValue.class);
            boolean request = target.getOwner().isAssignableTo(Connection.class)
                    && target.getName().startsWith("request")
                    && target.getRawReturnType().isAssignableTo(Message.class);
            boolean flush = target.getOwner().isAssignableTo(Connection.class)
                    && target.getName().equals("flush");
            return request || flush || (jetStream && !target.getName().endsWith("Async"));
        });
    }

    /**
     * A {@link Limit} is counted under its key. {@code CallerQuota} counts under the keys of {@code AccessLimit}, and the
     * bound of {@code InFlight} is the sum of several limits. {@code StreamLookup} refuses no caller: a detail of an error is
     * left out.
     */
    @Test
    void aBoundThatRefusesIsALimit() {
        noClasses()
                .that()
                .doNotHaveFullyQualifiedName("dev.sluice.flow.Limit")
                .and()
                .resideOutsideOfPackage("dev.sluice.access")
                .and()
                .doNotHaveFullyQualifiedName("dev.sluice.stream.publish.InFlight")
                .and()
                .doNotHaveFullyQualifiedName("dev.sluice.stream.publish.StreamLookup")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(Permits.class)
                .check(SLUICE);
    }

    /** A client that is created elsewhere may not have the configured prefix. */
    @Test
    void onlyJetStreamApisCreatesAClientOfTheJetStreamApi() {
        noClasses()
                .that()
                .areNotAssignableTo(JetStreamApi.class)
                .and()
                .areNotAssignableTo(JetStreamApis.class)
                .should()
                .callConstructorWhere(DescribedPredicate.describe(
                        "creates a JetStreamApi",
                        call -> call.getTarget().getOwner().isEquivalentTo(JetStreamApi.class)))
                .check(SLUICE);
    }

    /** That operator of Mutiny does not cancel a Multi that begins while its subscriber cancels. */
    @Test
    void aUniIsContinuedByFlatMapMany() {
        noClasses()
                .should()
                .callMethodWhere(DescribedPredicate.describe(
                        "is Uni.onItem().transformToMulti",
                        call -> call.getTarget().getOwner().isEquivalentTo(UniOnItem.class)
                                && call.getTarget().getName().equals("transformToMulti")))
                .check(SLUICE);
    }

    @Test
    void jaxRsStaysInHttpAndInTheSlicesThatCanBeDeleted() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.sluice.http..", "dev.sluice.orders", "dev.sluice.pricing")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("jakarta.ws.rs..")
                .check(SLUICE);
    }

    @Test
    void metersAndHealthStayInOpsAndInTheSlicesThatCanBeDeleted() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.sluice.ops", "dev.sluice.orders", "dev.sluice.pricing")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.micrometer..", "org.eclipse.microprofile.health..")
                .check(SLUICE);
    }

    @Test
    void tracingStaysWithTheMessagesAndInProblems() {
        noClasses()
                .that()
                .resideOutsideOfPackages("dev.sluice.nats", "dev.sluice.http..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.opentelemetry..")
                .check(SLUICE);
    }
}
