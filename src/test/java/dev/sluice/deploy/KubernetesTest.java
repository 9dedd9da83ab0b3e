package dev.sluice.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.IngressServiceBackend;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.openshift.api.model.monitoring.v1.ServiceMonitor;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.Converter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests the rendered {@code k8s/}: all fields are known, all references valid, all configuration keys read by the code.
 */
class KubernetesTest {
    private static final Path FOLDER = Path.of("k8s");
    private static final Converter<Duration> DURATION = new io.quarkus.runtime.configuration.DurationConverter();

    @Test
    void rejectsAnUnknownField() {
        assertThatThrownBy(() -> Manifests.parse("apiVersion: v1\nkind: Service\nspec: {selectors: {}}"))
                .hasRootCauseInstanceOf(UnrecognizedPropertyException.class);
        assertThatThrownBy(() -> Manifests.parse(
                        "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: {containers: [{imag: x}]}}}"))
                .hasRootCauseInstanceOf(UnrecognizedPropertyException.class);
    }

    @Test
    void knowsEveryFieldOfEveryFile() throws IOException {
        try (Stream<Path> files = Files.walk(FOLDER)) {
            List<Path> manifests = files.filter(file -> file.toString().endsWith(".yaml"))
                    .filter(file -> !Set.of("kustomization.yaml", "values.yaml")
                            .contains(file.getFileName().toString()))
                    .toList();
            assertThat(manifests).isNotEmpty().allSatisfy(file -> Manifests.parse(Files.readString(file)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"development", "production"})
    void resolvesEveryReference(String overlay) {
        Manifests manifests = Manifests.rendered("k8s/overlays/" + overlay);
        String namespace = manifests.objects().stream()
                .filter(object -> object.getKind().equals("Namespace"))
                .findFirst()
                .orElseThrow()
                .getMetadata()
                .getName();

        for (HasMetadata object : manifests.objects()) {
            if (!object.getKind().equals("Namespace")) {
                assertThat(object.getMetadata().getNamespace())
                        .as(object.getFullResourceName())
                        .isEqualTo(namespace);
            }
        }
        for (Service service : manifests.all(Service.class)) {
            List<PodTemplateSpec> pods = pods(manifests, service.getSpec().getSelector());
            assertThat(pods).as("pods of " + service.getMetadata().getName()).isNotEmpty();
            for (ServicePort port : service.getSpec().getPorts()) {
                assertThat(pods).allSatisfy(pod -> assertThat(names(pod)).contains(name(port.getTargetPort())));
            }
        }
        for (PodDisruptionBudget budget : manifests.all(PodDisruptionBudget.class)) {
            assertThat(pods(manifests, budget.getSpec().getSelector().getMatchLabels()))
                    .hasSize(1);
        }
        for (HorizontalPodAutoscaler autoscaler : manifests.all(HorizontalPodAutoscaler.class)) {
            Deployment scaled = manifests.named(
                    Deployment.class, autoscaler.getSpec().getScaleTargetRef().getName());
            assertThat(scaled.getSpec().getReplicas())
                    .as("a number of replicas, which each apply would set again")
                    .isNull();
        }
        for (NetworkPolicy policy : manifests.all(NetworkPolicy.class)) {
            List<PodTemplateSpec> pods =
                    pods(manifests, policy.getSpec().getPodSelector().getMatchLabels());
            assertThat(pods).isNotEmpty();
            policy.getSpec().getIngress().stream()
                    .flatMap(rule -> rule.getPorts().stream())
                    .forEach(port -> assertThat(pods)
                            .allSatisfy(pod -> assertThat(names(pod)).contains(name(port.getPort()))));
        }
        for (Ingress ingress : manifests.all(Ingress.class)) {
            ingress.getSpec().getRules().stream()
                    .flatMap(rule -> rule.getHttp().getPaths().stream())
                    .map(path -> path.getBackend().getService())
                    .forEach(backend -> assertThat(portNames(manifests, backend))
                            .contains(backend.getPort().getName()));
        }
        for (ServiceMonitor monitor : manifests.all(ServiceMonitor.class)) {
            Map<String, String> wanted = monitor.getSpec().getSelector().getMatchLabels();
            assertThat(manifests.all(Service.class))
                    .filteredOn(service ->
                            service.getMetadata().getLabels().entrySet().containsAll(wanted.entrySet()))
                    .hasSize(1)
                    .allSatisfy(service -> assertThat(service.getSpec().getPorts())
                            .extracting(ServicePort::getName)
                            .contains(monitor.getSpec().getEndpoints().get(0).getPort()));
        }
        sluice(manifests).forEach(deployment -> assertConsistent(manifests, deployment));
    }

    @Test
    void routesOfTheGatewayLeadToTheService() throws IOException {
        Service service = Manifests.parse(Files.readString(FOLDER.resolve("base/gateway.yaml")))
                .named(Service.class, "sluice-gateway");
        HTTPRoute route = Manifests.parse(Files.readString(FOLDER.resolve("components/gateway-api/route.yaml")))
                .named(HTTPRoute.class, "sluice");

        assertThat(route.getSpec().getRules()).isNotEmpty().allSatisfy(rule -> {
            assertThat(rule.getBackendRefs().get(0).getName())
                    .isEqualTo(service.getMetadata().getName());
            assertThat(rule.getBackendRefs().get(0).getPort())
                    .isEqualTo(service.getSpec().getPorts().get(0).getPort());
        });
    }

    @Test
    void gatewayAndWorkersDifferOnlyInConfiguration() {
        Manifests production = Manifests.rendered("k8s/overlays/production");
        Container gateway = container(production.named(Deployment.class, "sluice-gateway"));
        Container workers = container(production.named(Deployment.class, "sluice-workers"));

        assertThat(gateway.getImage()).isEqualTo(workers.getImage());
        assertThat(switches(gateway))
                .hasSize(4)
                .containsOnlyKeys(switches(workers).keySet());
        assertThat(switches(gateway)).containsValues("false").doesNotContainValue("true");
        assertThat(switches(workers)).containsValues("true").doesNotContainValue("false");
    }

    @Test
    void isSecuredInProduction() {
        Manifests production = Manifests.rendered("k8s/overlays/production");
        assertThat(sluice(production)).hasSize(2).allSatisfy(deployment -> {
            Properties properties =
                    properties(production, deployment.getSpec().getTemplate().getSpec());
            assertThat(properties.getProperty("sluice.access.mode")).isEqualTo("secured");
            assertThat(properties.getProperty("sluice.nats.servers")).startsWith("tls://");
            assertThat(properties.getProperty("quarkus.oidc.auth-server-url")).startsWith("https://");
            assertThat(properties.stringPropertyNames()).contains("quarkus.oidc.token.audience");
        });
    }

    @Test
    void usesOnlyDocumentedSecrets() throws IOException {
        Set<String> secrets = sluice(Manifests.rendered("k8s/overlays/production")).stream()
                .map(deployment -> deployment.getSpec().getTemplate().getSpec())
                .flatMap(pod -> Stream.concat(
                        pod.getVolumes().stream()
                                .filter(volume -> volume.getSecret() != null)
                                .map(volume -> volume.getSecret().getSecretName()),
                        pod.getContainers().get(0).getEnv().stream()
                                .filter(env -> env.getValueFrom() != null)
                                .map(env -> env.getValueFrom().getSecretKeyRef().getName())))
                .collect(Collectors.toCollection(TreeSet::new));
        String documentation = Files.readString(Path.of("docs/DEPLOY.md"));

        assertThat(secrets).isNotEmpty().allSatisfy(secret -> assertThat(documentation)
                .contains("create secret generic " + secret + " "));
    }

    /** The chart builds the route addresses from these names, and the servers verify them. */
    @Test
    void natsServersUseTheHostNamesOfTheirCertificate() throws IOException {
        JsonNode cluster =
                YamlFile.read(FOLDER.resolve("nats/values.yaml")).path("config").path("cluster");

        assertThat(cluster.path("routeURLs").path("useFQDN").asBoolean()).isTrue();
        assertThat(Files.readString(Path.of("docs/DEPLOY.md"))).contains("`*.nats-headless.nats.svc.cluster.local`");
    }

    @Test
    void natsFlushesAsOftenAsTheDocumentsSay() throws IOException {
        JsonNode merge = YamlFile.read(FOLDER.resolve("nats/values.yaml"))
                .path("config")
                .path("jetstream")
                .path("merge");
        String interval = merge.path("sync_interval").asText();

        assertThat(interval).isEqualTo("10s");
        assertThat(Files.readString(Path.of("docs/DEPLOY.md"))).contains("sync_interval: " + interval);
    }

    private static void assertConsistent(Manifests manifests, Deployment deployment) {
        PodSpec pod = deployment.getSpec().getTemplate().getSpec();
        Container container = container(deployment);
        assertThat(deployment.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(deployment.getSpec().getSelector().getMatchLabels());
        assertThat(Stream.of(container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe())
                        .map(Probe::getHttpGet))
                .allSatisfy(probe -> assertThat(name(probe.getPort())).isEqualTo("management"));
        assertOutlastsAReconnect(container.getReadinessProbe());
        assertThat(container.getImage()).as("a tag, so that nodes keep it").matches(".+:(?!latest$)[^/]+");
        assertRestricted(pod, container);

        Properties properties = properties(manifests, pod);
        assertThat(properties.stringPropertyNames())
                .filteredOn(key -> !key.startsWith("quarkus.oidc."))
                .allSatisfy(KubernetesTest::assertKnown);
        assertThat(container.getEnv()).allSatisfy(env -> assertThat(ConfigKeys.knowsVariable(env.getName()))
                .as(env.getName())
                .isTrue());
        Set<String> files = files(pod, container);
        assertThat(properties.stringPropertyNames().stream()
                        .filter(key -> key.endsWith("-file"))
                        .map(properties::getProperty))
                .allSatisfy(file -> assertThat(files).contains(file));
        assertThat(Duration.ofSeconds(pod.getTerminationGracePeriodSeconds()))
                .isGreaterThan(longestStop(container, properties));
    }

    /**
     * All instances lose a NATS server at the same moment, so all would leave the endpoints. An {@code EventSource} that then
     * gets the 503 of an ingress stays closed.
     */
    private static void assertOutlastsAReconnect(Probe readiness) {
        assertThat(readiness.getPeriodSeconds() * (readiness.getFailureThreshold() - 1))
                .isGreaterThan(5);
        assertThat(readiness.getTimeoutSeconds()).isGreaterThan(1);
    }

    /** Asserts the Pod Security Standard {@code restricted} and a read-only root file system. */
    private static void assertRestricted(PodSpec pod, Container container) {
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(container.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(container.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(container.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(container.getResources().getRequests()).containsKeys("cpu", "memory");
        assertThat(container.getResources().getLimits()).containsKey("memory");
    }

    private static void assertKnown(String key) {
        assertThat(ConfigKeys.knows(key)).as(key).isTrue();
    }

    private static Duration longestStop(Container container, Properties properties) {
        Duration drain = setting(properties, "sluice.nats.drain-timeout");
        return Duration.ofSeconds(
                        container.getLifecycle().getPreStop().getSleep().getSeconds())
                .plus(setting(properties, "sluice.orders.settle-timeout"))
                .plus(setting(properties, "sluice.shutdown.unready"))
                .plus(setting(properties, "sluice.shutdown.tails"))
                .plus(setting(properties, "sluice.shutdown.requests"))
                .plusSeconds(4)
                .plus(setting(properties, "sluice.shutdown.publishes"))
                .plus(drain.multipliedBy(2));
    }

    private static Duration setting(Properties properties, String key) {
        return DURATION.convert(properties.getProperty(key, ConfigKeys.defaultOf(key)));
    }

    private static Properties properties(Manifests manifests, PodSpec pod) {
        Volume config = pod.getVolumes().stream()
                .filter(volume -> volume.getConfigMap() != null)
                .findFirst()
                .orElseThrow();
        ConfigMap map = manifests.named(ConfigMap.class, config.getConfigMap().getName());
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(map.getData().get("application.properties")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties;
    }

    /** Returns the paths of the secrets' items in the container. */
    private static Set<String> files(PodSpec pod, Container container) {
        return container.getVolumeMounts().stream()
                .flatMap(mount -> pod.getVolumes().stream()
                        .filter(volume -> volume.getName().equals(mount.getName()) && volume.getSecret() != null)
                        .flatMap(volume -> volume.getSecret().getItems().stream())
                        .map(item -> mount.getMountPath() + "/" + item.getPath()))
                .collect(Collectors.toSet());
    }

    private static Map<String, String> switches(Container container) {
        return container.getEnv().stream()
                .filter(env -> env.getName().startsWith("SLUICE_ORDERS_WORKERS_"))
                .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
    }

    private static List<Deployment> sluice(Manifests manifests) {
        return manifests.all(Deployment.class).stream()
                .filter(deployment -> deployment.getMetadata().getName().startsWith("sluice-"))
                .toList();
    }

    private static Container container(Deployment deployment) {
        return deployment.getSpec().getTemplate().getSpec().getContainers().get(0);
    }

    private static List<PodTemplateSpec> pods(Manifests manifests, Map<String, String> selector) {
        return manifests.all(Deployment.class).stream()
                .map(deployment -> deployment.getSpec().getTemplate())
                .filter(pod -> pod.getMetadata().getLabels().entrySet().containsAll(selector.entrySet()))
                .toList();
    }

    private static Set<String> names(PodTemplateSpec pod) {
        return pod.getSpec().getContainers().stream()
                .flatMap(container -> container.getPorts().stream())
                .map(ContainerPort::getName)
                .collect(Collectors.toSet());
    }

    private static Set<String> portNames(Manifests manifests, IngressServiceBackend backend) {
        return manifests.named(Service.class, backend.getName()).getSpec().getPorts().stream()
                .map(ServicePort::getName)
                .collect(Collectors.toSet());
    }

    private static String name(IntOrString port) {
        return Objects.requireNonNull(port.getStrVal(), "a port is referred to by its name");
    }
}
