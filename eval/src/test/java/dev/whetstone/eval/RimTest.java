package dev.whetstone.eval;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.whetstone.eval", importOptions = DoNotIncludeTests.class)
class RimTest {
  @ArchTest
  static final ArchRule arrowStaysInTheResultFiles =
      noClasses()
          .that()
          .resideOutsideOfPackage("..eval.result..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.arrow..");

  @ArchTest
  static final ArchRule yamlStaysInTheTaskFiles =
      noClasses()
          .that()
          .resideOutsideOfPackage("..eval.task..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.yaml..");

  @ArchTest
  static final ArchRule picocliStaysInTheCommands =
      noClasses()
          .that()
          .haveSimpleNameNotEndingWith("Command")
          .and()
          .doNotHaveSimpleName("EvalMain")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  @ArchTest
  static final ArchRule noTensorIsTouched =
      noClasses().should().dependOnClassesThat().resideInAPackage("ai.djl..");

  @ArchTest
  static final ArchRule scoringKnowsNoModel =
      noClasses()
          .that()
          .resideInAnyPackage("..eval.metric..", "..eval.filter..", "..eval.python..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("dev.whetstone.models..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.whetstone.eval.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule sistersAreNotKnown =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.whetstone.datasets..",
              "dev.whetstone.training..",
              "dev.whetstone.leaderboard..");
}
