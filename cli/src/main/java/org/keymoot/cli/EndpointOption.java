package org.keymoot.cli;

import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.keymoot.cli.aws.AwsSettings;
import org.keymoot.cli.aws.IamClient;
import org.keymoot.cli.aws.KmsClient;
import picocli.CommandLine.Option;

/// Which KMS endpoint a command calls, and as whom. Mixed into the commands that use keys.
final class EndpointOption {
    @Option(
            names = "--endpoint-url",
            paramLabel = "URL",
            description = "The KMS endpoint (default: AWS_ENDPOINT_URL_KMS, AWS_ENDPOINT_URL, or the profile's).")
    @Nullable String endpointUrl;

    @Option(
            names = "--region",
            paramLabel = "REGION",
            description = "The Region (default: AWS_REGION, AWS_DEFAULT_REGION, or the profile's).")
    @Nullable String region;

    @Option(
            names = "--profile",
            paramLabel = "NAME",
            description = "The profile of the shared AWS files that has the credentials (default: the environment's"
                    + " access key, then AWS_PROFILE).")
    @Nullable String profile;

    /// For the actions of IAM and STS.
    IamClient connectToIam() throws IOException {
        AwsSettings settings = new AwsSettings(System.getenv(), profile);
        return new IamClient(
                settings.endpoint(endpointUrl),
                settings.region(region),
                settings.credentials(profile != null),
                settings.certificates(),
                InstantSource.system());
    }

    KmsClient connect() throws IOException {
        AwsSettings settings = new AwsSettings(System.getenv(), profile);
        return new KmsClient(
                settings.endpoint(endpointUrl),
                settings.region(region),
                settings.credentials(profile != null),
                settings.certificates(),
                InstantSource.system());
    }
}
