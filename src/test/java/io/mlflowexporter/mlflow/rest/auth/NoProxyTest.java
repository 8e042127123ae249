package io.mlflowexporter.mlflow.rest.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The list is read as Go's httpproxy reads NO_PROXY; the cases are those its documentation names. */
final class NoProxyTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*                    | http://anything.example        | true",
                "example.com          | https://example.com            | true",
                "example.com          | https://a.b.EXAMPLE.com:8443   | true",
                "example.com          | https://notexample.com         | false",
                ".example.com         | https://example.com            | false",
                ".example.com         | https://a.example.com          | true",
                "*.example.com        | https://a.example.com          | true",
                "example.com:443      | https://example.com            | true",
                "example.com:443      | http://example.com             | false",
                "example.com:8080     | http://a.example.com:8080      | true",
                "10.0.0.1             | http://10.0.0.1:5000           | true",
                "10.0.0.1:5001        | http://10.0.0.1:5000           | false",
                "10.0.0.0/8           | http://10.255.1.2              | true",
                "10.0.0.0/8           | http://11.0.0.1                | false",
                "10.0.0.0/8           | http://ten.example             | false",
                "0.0.0.0/0            | http://11.0.0.1                | true",
                "::1                  | http://[::1]:5000              | true",
                "[::1]:5000           | http://[::1]:5000              | true",
                "[::1]:5001           | http://[::1]:5000              | false",
                "fd00::/8             | http://[fd12::1]               | true",
                "10.0.0.0/99          | http://10.0.0.1                | false",
                "x/8                  | http://10.0.0.1                | false",
                "' , ,mlflow '        | http://mlflow:5000             | true",
                "''                   | http://mlflow:5000             | false",
            })
    void aTargetIsInTheList(String list, URI target, boolean inList) {
        assertThat(new NoProxy(list).holds(target)).isEqualTo(inList);
    }
}
