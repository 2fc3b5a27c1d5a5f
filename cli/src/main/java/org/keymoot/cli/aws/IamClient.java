package org.keymoot.cli.aws;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.Service;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;

/// Calls IAM and STS at an endpoint, in the Query protocol.
public final class IamClient implements AutoCloseable {
    private final SignedCalls calls;

    public IamClient(
            URI endpoint, String region, AwsCredentials credentials, @Nullable Path certificates, InstantSource clock)
            throws IOException {
        this.calls = new SignedCalls(endpoint, region, credentials, certificates, clock);
    }

    public URI endpoint() {
        return calls.endpoint();
    }

    public String region() {
        return calls.region();
    }

    /// An answer, of which each element that is asked for occurs once.
    public record Answer(Document document) {
        /// The text of an element by its name; empty when there is none.
        public String text(String element) {
            NodeList found = document.getElementsByTagName(element);
            return found.getLength() == 0 ? "" : found.item(0).getTextContent();
        }
    }

    /// Calls an action.
    ///
    /// @param service IAM or STS
    /// @throws AwsCallFailure when the endpoint refuses it
    /// @throws org.keymoot.cli.CliFailure when the endpoint cannot be reached
    public Answer call(Service service, String action, Map<String, String> parameters) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("Action", action);
        form.put("Version", service.version());
        form.putAll(parameters);
        byte[] body = form.entrySet().stream()
                .map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
                .collect(Collectors.joining("&"))
                .getBytes(StandardCharsets.US_ASCII);
        Map<String, String> headers = Map.of("content-type", Service.FORM + "; charset=utf-8");
        return calls.post(service.prefix(), action, headers, body, response -> read(action, response));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static Answer read(String action, HttpResponse<byte[]> response) throws IOException {
        Document document;
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(response.body()));
        } catch (SAXException | ParserConfigurationException e) {
            throw new IOException(
                    "status %d with a body that is no XML; is this an endpoint of IAM?"
                            .formatted(response.statusCode()),
                    e);
        }
        Answer answer = new Answer(document);
        if (response.statusCode() == 200) {
            return answer;
        }
        String code = answer.text("Code");
        throw new AwsCallFailure(
                action,
                code.isEmpty() ? "HTTP " + response.statusCode() : code,
                answer.text("Message"),
                response.statusCode());
    }

    /// The account of whoever calls.
    public String account() {
        return call(Service.STS, "GetCallerIdentity", Map.of()).text("Account");
    }

    @Override
    public void close() {
        calls.close();
    }
}
