package dev.whetstone.training;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "dev.whetstone.training",
    importOptions = ImportOption.DoNotIncludeTests.class)
class RimTest {
  @ArchTest
  static final ArchRule nativeArraysStayInTheLoopAndTheOptimizer =
      noClasses()
          .that()
          .resideInAnyPackage("..training.plan..", "..training.checkpoint..", "..training.report..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule plansKnowNoFilesOfTheRun =
      noClasses()
          .that()
          .resideInAPackage("..training.plan..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("..training.checkpoint..");
}
