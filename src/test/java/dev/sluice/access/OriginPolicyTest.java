package dev.sluice.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginPolicyTest {
    private final OriginPolicy origins = new OriginPolicy(List.of("https://app.example"));

    @ParameterizedTest
    @CsvSource({
        "POST, https://sluice.example,      ,            true",
        "POST, https://SLUICE.example,      ,            true",
        "POST, https://app.example,         cross-site,  true",
        "POST, https://evil.example,        ,            false",
        "POST, https://sluice.example.evil, ,            false",
        "POST, https://sluice.example:8443, ,            false",
        "POST, http://app.example,          ,            false",
        "POST, null,                        ,            false",
        "POST, 'not a uri',                 ,            false",
        "POST, ,                            ,            false",
        "POST, ,                            same-origin, false",
        "DELETE, ,                          ,            false",
        "PUT,  https://evil.example,        same-origin, false",
        "GET,  ,                            ,            true",
        "GET,  ,                            none,        true",
        "GET,  ,                            same-origin, true",
        "GET,  ,                            same-site,   false",
        "GET,  ,                            cross-site,  false",
        "GET,  https://evil.example,        cross-site,  false",
        "GET,  https://app.example,         cross-site,  true"
    })
    void decidesWhichOriginsMayUseTheCookie(String method, String origin, String site, boolean permitted) {
        boolean answer =
                origins.permit(HttpMethod.valueOf(method), HostAndPort.create("sluice.example", -1), origin, site);

        assertThat(answer).isEqualTo(permitted);
    }

    @ParameterizedTest
    @CsvSource({
        "false, ,                       ,            true",
        "false, https://sluice.example, ,            true",
        "false, https://sluice.example, same-origin, true",
        "false, https://behind.a.proxy, same-origin, true",
        "false, https://app.example,    cross-site,  true",
        "false, ,                       none,        true",
        "false, https://evil.example,   ,            false",
        "false, https://evil.example,   cross-site,  false",
        "false, null,                   ,            false",
        "false, ,                       cross-site,  false",
        "false, ,                       same-site,   false",
        "true,  https://evil.example,   cross-site,  true"
    })
    void decidesWhichOriginsMayChangeSomethingWithoutACookie(
            boolean reading, String origin, String site, boolean permitted) {
        boolean answer = origins.permitWithoutCookie(reading, HostAndPort.create("sluice.example", -1), origin, site);

        assertThat(answer).isEqualTo(permitted);
    }
}
