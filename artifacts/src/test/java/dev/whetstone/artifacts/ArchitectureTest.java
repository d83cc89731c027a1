package dev.whetstone.artifacts;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.whetstone.artifacts", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule arrowStaysInDataset =
      noClasses()
          .that()
          .resideOutsideOfPackages("..artifacts.dataset..", "..artifacts.testing..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.apache.arrow..", "com.google.flatbuffers..");

  @ArchTest
  static final ArchRule picocliStaysInCommands =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "..artifacts.command..", "..artifacts.home..", "..artifacts.inspect..")
          .and()
          .doNotHaveSimpleName("ArtifactsMain")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  @ArchTest
  static final ArchRule yamlStaysInRecipe =
      noClasses()
          .that()
          .resideOutsideOfPackage("..artifacts.recipe..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.yaml..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.whetstone.artifacts.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule noOtherRoomIsKnown =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.whetstone.models..",
              "dev.whetstone.datasets..",
              "dev.whetstone.training..",
              "dev.whetstone.eval..",
              "dev.whetstone.leaderboard..");
}
