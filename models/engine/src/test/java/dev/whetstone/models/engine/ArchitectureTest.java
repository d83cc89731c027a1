package dev.whetstone.models.engine;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.whetstone.models.engine", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule onlyTheProgramKnowsDjlsInnerClasses =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("dev.whetstone.models.engine.TorchScriptProgram")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl.pytorch..");

  @ArchTest
  static final ArchRule knowsNoOtherRoom =
      classes()
          .that()
          .resideInAPackage("dev.whetstone.models.engine..")
          .should()
          .onlyDependOnClassesThat()
          .resideOutsideOfPackages(
              "dev.whetstone.training..",
              "dev.whetstone.eval..",
              "dev.whetstone.datasets..",
              "dev.whetstone.leaderboard..");

  @ArchTest
  static final ArchRule hubsHoldNoTensors =
      noClasses()
          .that()
          .resideInAPackage("dev.whetstone.models.engine.hub..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl.ndarray..");

  @ArchTest
  static final ArchRule choosingATokenTakesNoTensors =
      noClasses()
          .that()
          .resideInAnyPackage(
              "dev.whetstone.models.engine.generation..", "dev.whetstone.models.engine.schema..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..");
}
