package dev.whetstone.models.text;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.whetstone.models.text", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule jinjaStandsAlone =
      noClasses()
          .that()
          .resideInAPackage("..text.jinja..")
          .should()
          .dependOnClassesThat()
          .resideOutsideOfPackages("java..", "..text.jinja..");

  @ArchTest
  static final ArchRule djlStaysInOneClass =
      noClasses()
          .that()
          .doNotHaveSimpleName("NativeTokenizer")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule noTensors =
      noClasses().should().dependOnClassesThat().resideInAnyPackage("ai.djl.ndarray..");

  @ArchTest
  static final ArchRule noOtherRoomButArtifactsIsKnown =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.whetstone.models.engine..",
              "dev.whetstone.datasets..",
              "dev.whetstone.training..",
              "dev.whetstone.eval..",
              "dev.whetstone.leaderboard..");
}
