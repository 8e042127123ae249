package io.mlflowexporter.web.access;

import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/** Which client certificates are accepted: those of the authorities, if there are any, with one of the names, if any. */
final class ClientTrust extends X509ExtendedTrustManager {
    /** Kinds of subject alternative names that are compared: e-mail, DNS, URI, IP (RFC 5280, 4.2.1.6). */
    private static final Set<Integer> KINDS = Set.of(1, 2, 6, 7);

    private static final int IP = 7;

    private final @Nullable X509ExtendedTrustManager authorities;
    private final List<String> names;

    /**
     * A rule.
     *
     * @param authorities null: any certificate will do
     * @param names empty: any name will do
     */
    ClientTrust(@Nullable X509ExtendedTrustManager authorities, List<String> names) {
        this.authorities = authorities;
        this.names = List.copyOf(names);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        if (authorities != null) {
            authorities.checkClientTrusted(chain, authType);
        }
        checkName(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        if (authorities != null) {
            authorities.checkClientTrusted(chain, authType, socket);
        }
        checkName(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        if (authorities != null) {
            authorities.checkClientTrusted(chain, authType, engine);
        }
        checkName(chain);
    }

    private void checkName(X509Certificate[] chain) throws CertificateException {
        if (names.isEmpty()) {
            return;
        }
        Collection<List<?>> alternatives = chain[0].getSubjectAlternativeNames();
        if (alternatives != null) {
            for (List<?> alternative : alternatives) {
                if (KINDS.contains((Integer) alternative.get(0)) && allowed(alternative)) {
                    return;
                }
            }
        }
        throw new CertificateException("none of the client's subject alternative names is in client_allowed_sans");
    }

    private boolean allowed(List<?> alternative) {
        String name = String.valueOf(alternative.get(1));
        return names.stream()
                .anyMatch(wanted -> wanted.equals(name)
                        || ((Integer) alternative.get(0) == IP && literal(wanted) && sameAddress(wanted, name)));
    }

    /** Never a host name, which would be looked up. */
    private static boolean literal(String text) {
        return text.indexOf(':') >= 0 || text.matches("[0-9.]+");
    }

    /** IPv6 addresses have many spellings. */
    private static boolean sameAddress(String a, String b) {
        try {
            return InetAddress.getByName(a).equals(InetAddress.getByName(b));
        } catch (UnknownHostException e) {
            return false;
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("this is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("this is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("this is a server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities == null ? new X509Certificate[0] : authorities.getAcceptedIssuers();
    }
}
