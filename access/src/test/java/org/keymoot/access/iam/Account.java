package org.keymoot.access.iam;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.jspecify.annotations.Nullable;
import org.keymoot.access.AwsError;
import org.keymoot.access.Cluster;
import org.keymoot.access.Decision;
import org.keymoot.access.Kms;
import org.keymoot.access.Service;
import org.keymoot.access.SignedRequest;
import org.keymoot.access.TestSigner;
import org.keymoot.access.TestSigner4a;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;

/// An account of a cluster in memory, asked as a client does.
final class Account {
    static final Keys ROOT = new Keys("AKIAROOT", Cluster.SECRET, null);

    final Cluster cluster = new Cluster();
    private int calls;

    /// Credentials of a client.
    record Keys(String id, String secret, @Nullable String token) {}

    /// An answer's XML, looked at by XPath.
    record Reply(Document document) {
        String text(String path) {
            try {
                return XPathFactory.newInstance().newXPath().evaluate(path, document);
            } catch (javax.xml.xpath.XPathExpressionException e) {
                throw new AssertionError(e);
            }
        }

        List<String> texts(String path) {
            try {
                NodeList nodes = (NodeList)
                        XPathFactory.newInstance().newXPath().evaluate(path, document, XPathConstants.NODESET);
                return java.util.stream.IntStream.range(0, nodes.getLength())
                        .mapToObj(i -> nodes.item(i).getTextContent())
                        .toList();
            } catch (javax.xml.xpath.XPathExpressionException e) {
                throw new AssertionError(e);
            }
        }
    }

    Reply iam(String action, String... parameters) {
        return as(ROOT, Service.IAM, action, parameters);
    }

    Reply sts(Keys keys, String action, String... parameters) {
        return as(keys, Service.STS, action, parameters);
    }

    Reply as(Keys keys, Service service, String action, String... parameters) {
        return carryOut(service, action, request(keys, service, action, parameters));
    }

    Reply carryOut(Service service, String action, SignedRequest request) {
        String result = cluster.execute(request);
        return read(service.success(service.action(action), result, "id"));
    }

    AwsError refusal(String action, String... parameters) {
        return refusalAs(ROOT, Service.IAM, action, parameters);
    }

    AwsError refusalAs(Keys keys, Service service, String action, String... parameters) {
        Decision decision = Kms.decide(request(keys, service, action, parameters), cluster.directory, cluster.now);
        if (decision instanceof Decision.Refused refused) {
            read(service.failure(refused.error(), "id"));
            return refused.error();
        }
        throw new AssertionError("expected a refusal, found " + decision.getClass());
    }

    /// A form that nobody signed.
    SignedRequest unsigned(String action, String... parameters) {
        byte[] body = form(Service.STS, action, parameters).getBytes(StandardCharsets.UTF_8);
        return new SignedRequest(
                "POST",
                "/",
                List.of(
                        new SignedRequest.Header("Host", "sts.example.org"),
                        new SignedRequest.Header("Content-Type", Service.FORM),
                        new SignedRequest.Header("X-Call", Integer.toString(++calls))),
                body,
                "192.0.2.1");
    }

    AwsError refusal(SignedRequest request) {
        if (Kms.decide(request, cluster.directory, cluster.now) instanceof Decision.Refused refused) {
            return refused.error();
        }
        throw new AssertionError("expected a refusal");
    }

    /// A form that is signed by a private key.
    SignedRequest byKey(TestSigner4a signer, Service service, String action, String... parameters) {
        Map<String, String> headers = new TreeMap<>();
        headers.put("content-type", Service.FORM + "; charset=utf-8");
        headers.put("host", service.prefix() + ".example.org");
        headers.put("x-amz-call", Integer.toString(++calls));
        return new TestSigner4a(signer.accessKeyId(), signer.secret(), signer.regionSet(), service.prefix())
                .post(headers, form(service, action, parameters).getBytes(StandardCharsets.UTF_8), cluster.now);
    }

    /// A signed form. Each is a little later than the one before, so that no two are equal.
    SignedRequest request(Keys keys, Service service, String action, String... parameters) {
        return raw(keys, service, form(service, action, parameters));
    }

    private static String form(Service service, String action, String... parameters) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("Action", action);
        form.put("Version", service.version());
        for (int i = 0; i < parameters.length; i += 2) {
            form.put(parameters[i], parameters[i + 1]);
        }
        StringBuilder body = new StringBuilder();
        form.forEach((name, value) -> body.append(body.isEmpty() ? "" : "&")
                .append(IamCall.percentEncoded(name))
                .append('=')
                .append(IamCall.percentEncoded(value)));
        return body.toString();
    }

    SignedRequest raw(Keys keys, Service service, String body) {
        Map<String, String> headers = new TreeMap<>();
        headers.put("content-type", Service.FORM + "; charset=utf-8");
        headers.put("host", service.prefix() + ".example.org");
        headers.put("x-amz-call", Integer.toString(++calls));
        if (keys.token() != null) {
            headers.put("x-amz-security-token", keys.token());
        }
        return new TestSigner(keys.id(), keys.secret(), Cluster.REGION, service.prefix())
                .post(headers, body.getBytes(StandardCharsets.UTF_8), cluster.now);
    }

    /// A KMS request.
    SignedRequest kms(Keys keys, String action, String json) {
        Map<String, String> headers = new TreeMap<>();
        headers.put("content-type", "application/x-amz-json-1.1");
        headers.put("host", "kms.example.org");
        headers.put("x-amz-target", "TrentService." + action);
        headers.put("x-amz-call", Integer.toString(++calls));
        if (keys.token() != null) {
            headers.put("x-amz-security-token", keys.token());
        }
        return new TestSigner(keys.id(), keys.secret(), Cluster.REGION, "kms")
                .post(headers, json.getBytes(StandardCharsets.UTF_8), cluster.now);
    }

    /// Makes a user and an access key for it.
    Keys user(String name) {
        iam("CreateUser", "UserName", name);
        return accessKey(name);
    }

    Keys accessKey(String user) {
        Reply made = iam("CreateAccessKey", "UserName", user);
        return new Keys(made.text("//AccessKeyId"), made.text("//SecretAccessKey"), null);
    }

    static Keys session(Reply reply) {
        return new Keys(
                reply.text("//Credentials/AccessKeyId"),
                reply.text("//Credentials/SecretAccessKey"),
                reply.text("//Credentials/SessionToken"));
    }

    void pass(Duration time) {
        cluster.now = cluster.now.plus(time);
    }

    static Reply read(String xml) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            return new Reply(
                    factory.newDocumentBuilder().parse(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8))));
        } catch (Exception e) {
            throw new AssertionError(xml, e);
        }
    }

    static String allow(String action, String resource) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"" + action
                + "\",\"Resource\":\"" + resource + "\"}]}";
    }

    static String trust(String principal) {
        return "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"" + principal
                + "\"},\"Action\":\"sts:AssumeRole\"}]}";
    }
}
