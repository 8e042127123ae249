package io.mlflowexporter.web;

import io.mlflowexporter.config.Listen;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/** Jetty's connector for HTTPS. */
final class TlsConnector {
    private TlsConnector() {}

    /**
     * Makes one; Jetty starts it.
     *
     * @param parameters asked for each connection
     */
    static ServerConnector of(
            Server jetty,
            HttpConfiguration http,
            Listen listen,
            SSLContext context,
            Supplier<SSLParameters> parameters) {
        SslContextFactory.Server tls = new SslContextFactory.Server() {
            @Override
            public void customize(SSLEngine engine) {
                engine.setSSLParameters(parameters.get());
            }
        };
        tls.setSslContext(context);
        HttpConfiguration https = new HttpConfiguration(http);
        // Clients check the name, and may use another than the certificate's first.
        https.addCustomizer(new SecureRequestCustomizer(false));
        ServerConnector connector = new ServerConnector(
                jetty,
                new SslConnectionFactory(tls, HttpVersion.HTTP_1_1.asString()),
                new HttpConnectionFactory(https));
        connector.setHost(listen.host().isEmpty() ? "0.0.0.0" : listen.host());
        connector.setPort(listen.port());
        return connector;
    }
}
