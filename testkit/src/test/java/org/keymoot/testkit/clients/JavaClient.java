package org.keymoot.testkit.clients;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.AwsRequest;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.core.traits.MapTrait;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;
import software.amazon.awssdk.utils.builder.Buildable;
import tools.jackson.databind.json.JsonMapper;

/// AWS's SDK for Java, called by the operations' names.
final class JavaClient implements AwsClient {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Map<String, SdkAutoCloseable> clients = new LinkedHashMap<>();

    JavaClient(String endpoint, String accessKeyId, String secretAccessKey) {
        URI url = URI.create(endpoint);
        StaticCredentialsProvider credentials =
                StaticCredentialsProvider.create(AwsBasicCredentials.create(accessKeyId, secretAccessKey));
        clients.put(
                "kms",
                KmsClient.builder()
                        .endpointOverride(url)
                        .region(Region.US_EAST_1)
                        .credentialsProvider(credentials)
                        .httpClient(UrlConnectionHttpClient.create())
                        .build());
        clients.put(
                "iam",
                IamClient.builder()
                        .endpointOverride(url)
                        .region(Region.AWS_GLOBAL)
                        .credentialsProvider(credentials)
                        .httpClient(UrlConnectionHttpClient.create())
                        .build());
        clients.put(
                "sts",
                StsClient.builder()
                        .endpointOverride(url)
                        .region(Region.US_EAST_1)
                        .credentialsProvider(credentials)
                        .httpClient(UrlConnectionHttpClient.create())
                        .build());
    }

    @Override
    public Outcome call(String service, String operation, Map<String, ?> input) throws Exception {
        SdkAutoCloseable client = Objects.requireNonNull(clients.get(service));
        Class<?> api = switch (service) {
            case "kms" -> KmsClient.class;
            case "iam" -> IamClient.class;
            default -> StsClient.class;
        };
        Method method = Arrays.stream(api.getMethods())
                .filter(candidate -> candidate.getName().equalsIgnoreCase(operation)
                        && candidate.getParameterCount() == 1
                        && AwsRequest.class.isAssignableFrom(candidate.getParameterTypes()[0]))
                .findFirst()
                .orElse(null);
        if (method == null) {
            return new Outcome.Unknown();
        }
        Object builder = method.getParameterTypes()[0].getMethod("builder").invoke(null);
        fill((SdkPojo) builder, input);
        try {
            Object answer = method.invoke(client, ((Buildable) builder).build());
            return new Outcome.Answered(JSON.valueToTree(plain(answer)));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof AwsServiceException refused) {
                return new Outcome.Refused(
                        refused.awsErrorDetails().errorCode(),
                        String.valueOf(refused.awsErrorDetails().errorMessage()));
            }
            throw e;
        }
    }

    private static void fill(SdkPojo builder, Map<String, ?> input) {
        input.forEach((name, value) -> {
            SdkField<?> field = builder.sdkFields().stream()
                    .filter(candidate -> candidate.memberName().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("the SDK has no member " + name));
            field.set(builder, typed(field, value));
        });
    }

    @SuppressWarnings("unchecked")
    private static Object typed(SdkField<?> field, Object value) {
        MarshallingType<?> type = field.marshallingType();
        if (type == MarshallingType.SDK_BYTES) {
            return SdkBytes.fromByteArray(Base64.getDecoder().decode((String) value));
        }
        if (type == MarshallingType.LIST) {
            SdkField<?> element = field.getTrait(ListTrait.class).memberFieldInfo();
            return ((List<Object>) value)
                    .stream().map(one -> typed(element, one)).toList();
        }
        if (type == MarshallingType.MAP) {
            SdkField<?> element = field.getTrait(MapTrait.class).valueFieldInfo();
            Map<String, Object> map = new LinkedHashMap<>();
            ((Map<String, Object>) value).forEach((name, one) -> map.put(name, typed(element, one)));
            return map;
        }
        if (type == MarshallingType.SDK_POJO) {
            SdkPojo pojo = field.constructor().get();
            fill(pojo, (Map<String, Object>) value);
            return ((Buildable) pojo).build();
        }
        return value;
    }

    private static @Nullable Object plain(@Nullable Object value) {
        return switch (value) {
            case SdkPojo pojo -> {
                Map<String, Object> members = new LinkedHashMap<>();
                for (SdkField<?> field : pojo.sdkFields()) {
                    Object member = plain(field.getValueOrDefault(pojo));
                    if (member != null) {
                        members.put(field.memberName(), member);
                    }
                }
                yield members;
            }
            case SdkBytes bytes -> Base64.getEncoder().encodeToString(bytes.asByteArray());
            case Instant instant -> instant.toString();
            case List<?> list -> {
                List<Object> elements = new ArrayList<>();
                list.forEach(element -> elements.add(plain(element)));
                // The SDK has empty lists for members that the answer does not have.
                yield elements;
            }
            case Map<?, ?> map -> {
                Map<String, Object> members = new LinkedHashMap<>();
                map.forEach((name, member) -> members.put(String.valueOf(name), plain(member)));
                yield members;
            }
            case null, default -> value;
        };
    }

    @Override
    public void close() {
        clients.values().forEach(SdkAutoCloseable::close);
    }
}
