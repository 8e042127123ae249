package io.mlflowexporter.web.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AllowedHostsTest {
    private static final AllowedHosts CONFIGURED =
            new AllowedHosts(List.of("Exporter.example.com", "other:9819", "[2001:db8::1]"), false);

    @ParameterizedTest
    @CsvSource({
        "exporter.example.com,true",
        "EXPORTER.example.com:9819,true",
        "exporter.example.com.evil.example,false",
        "other:9819,true",
        "other:80,false",
        "other,false",
        "[2001:db8::1]:9819,true",
        "127.0.0.1:9819,false",
        "'',false"
    })
    void onlyConfiguredNamesAreAnswered(String host, boolean answered) {
        assertThat(CONFIGURED.answer(host)).isEqualTo(answered);
        assertThat(AllowedHosts.ANY.answer(host)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "exporter.example.com:9818,true",
        "10.0.0.7:9818,true",
        "[2001:db8::2]:9818,true",
        "localhost:9818,true",
        "mlflow-exporter:9818,true",
        "rebound.example:9818,false",
        "10.0.0.7.evil.example,false",
        "rebound.,false",
        "'',false"
    })
    void prometheusAsksByAddressesAndShortNamesToo(String host, boolean answered) {
        assertThat(new AllowedHosts(List.of("exporter.example.com"), true).answer(host))
                .isEqualTo(answered);
    }

    @Test
    void withoutAHostNothingIsAnswered() {
        assertThat(CONFIGURED.answer(null)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:9819,127.0.0.1:9819,true",
        "http://localhost:9819,LOCALHOST:9819,true",
        "http://[::1]:9819,[::1]:9819,true",
        "http://127.0.0.1:9820,127.0.0.1:9819,false",
        "http://evil.example:9819,evil.example:9819,false",
        "null,127.0.0.1:9819,false",
        "'','',false"
    })
    void withoutConfiguredNamesAPageIsOursOnlyByAnAddress(String origin, String host, boolean own) {
        assertThat(AllowedHosts.ANY.own(origin, host)).isEqualTo(own);
    }

    @Test
    void aPageOfAConfiguredNameIsOurs() {
        assertThat(CONFIGURED.own("https://exporter.example.com", "exporter.example.com"))
                .isTrue();
        assertThat(CONFIGURED.own("https://127.0.0.1:9819", "127.0.0.1:9819")).isFalse();
    }
}
