package org.keymoot.testkit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Who may depend on whom, as ARCHITECTURE.md draws it.
class HouseRulesTest {
    private static final Pattern TESTS_OF_A_MODULE = Pattern.compile(".*-tests\\.jar!?.*");

    private static JavaClasses house = new ClassFileImporter().importClasses(List.of());

    @BeforeAll
    static void readClasses() {
        house = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                // What other modules' tests lend to these comes in a jar.
                .withImportOption(location -> !location.matches(TESTS_OF_A_MODULE))
                .importPackages("org.keymoot");
        assertThat(house.size()).as("classes of the house").isGreaterThan(200);
    }

    @Test
    void cryptoDependsOnTheJdkAlone() {
        classes()
                .that()
                .resideInAPackage("org.keymoot.crypto..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax.crypto..", "org.keymoot.crypto..", "org.jspecify..")
                .check(house);
    }

    @Test
    void protocolDependsOnCryptoAlone() {
        classes()
                .that()
                .resideInAPackage("org.keymoot.protocol..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "javax.crypto..", "org.keymoot.crypto..", "org.keymoot.protocol..", "org.jspecify..")
                .check(house);
    }

    @Test
    void algebraAndProtocolsTouchNoSocketFileOrLogger() {
        noClasses()
                .that()
                .resideInAnyPackage("org.keymoot.crypto..", "org.keymoot.protocol..")
                .and()
                .resideOutsideOfPackage("org.keymoot.protocol.simulation..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "java.net..", "java.nio.file..", "java.nio.channels..", "java.util.logging..", "org.slf4j..")
                .check(house);
        noClasses()
                .that()
                .resideInAnyPackage("org.keymoot.crypto..", "org.keymoot.protocol..")
                .and()
                .resideOutsideOfPackage("org.keymoot.protocol.simulation..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching(
                        "java\\.security\\.SecureRandom|java\\.util\\.Random|java\\.time\\.Clock|java\\.io\\.File.*")
                .check(house);
    }

    @Test
    void platformKnowsNothingOfOurDomain() {
        noClasses()
                .that()
                .resideInAPackage("org.keymoot.platform..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.keymoot.crypto..",
                        "org.keymoot.protocol..",
                        "org.keymoot.access..",
                        "org.keymoot.party..",
                        "org.keymoot.kms..",
                        "org.keymoot.control..",
                        "org.keymoot.cli..")
                .check(house);
    }

    @Test
    void accessDecidesWithoutIoClockOrThread() {
        noClasses()
                .that()
                .resideInAPackage("org.keymoot.access..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "org.keymoot.platform..",
                        "org.keymoot.protocol..",
                        "org.keymoot.party..",
                        "java.net..",
                        "java.nio.file..",
                        "java.util.concurrent.locks..",
                        "org.slf4j..")
                .orShould()
                .dependOnClassesThat()
                // A map that many threads may read is no thread; whatever starts one or waits for one is.
                .belongToAnyOf(Thread.class, java.util.concurrent.Executor.class, java.util.concurrent.Future.class)
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .check(house);
    }

    @Test
    void processesThatFaceUsersCannotNameAShare() {
        noClasses()
                .that()
                .resideInAnyPackage("org.keymoot.kms..", "org.keymoot.control..", "org.keymoot.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.keymoot.protocol..", "org.keymoot.party..")
                .check(house);
    }

    @Test
    void onlyTheHttpLayerKnowsTheServerLibrary() {
        noClasses()
                .that()
                .resideOutsideOfPackages("org.keymoot.platform.http..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("org.eclipse.jetty..")
                .check(house);
    }

    @Test
    void noPackageIsNamedAfterNothing() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..common..", "..impl..", "..manager..")
                .check(house);
    }

    @Test
    void everyPackageSaysWhatItIs() throws IOException {
        Path top = repository();
        try (Stream<Path> files = Files.walk(top)) {
            List<Path> silent = files.filter(file -> file.toString().endsWith(".java"))
                    .filter(file -> top.relativize(file).toString().contains("/src/main/java/"))
                    .map(Path::getParent)
                    .distinct()
                    .filter(folder -> !Files.exists(folder.resolve("package-info.java")))
                    .toList();
            assertThat(silent).as("packages without package-info.java").isEmpty();
        }
    }

    private static Path repository() {
        Path here = Path.of("").toAbsolutePath();
        return Files.exists(here.resolve("keymoot")) ? here : here.resolveSibling("");
    }
}
