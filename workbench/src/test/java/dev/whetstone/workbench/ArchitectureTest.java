package dev.whetstone.workbench;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.whetstone.workbench", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule picocliStaysInTheCommands =
      noClasses()
          .that()
          .haveSimpleNameNotEndingWith("Command")
          .and()
          .doNotHaveSimpleName("WorkbenchMain")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  @ArchTest
  static final ArchRule theGeneratorStartsNothing =
      noClasses()
          .that()
          .resideInAPackage("..workbench.orders..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..workbench.step..", "java.net..");

  @ArchTest
  static final ArchRule stepsKnowNoStory =
      noClasses()
          .that()
          .resideInAPackage("..workbench.step..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.whetstone.workbench", "..workbench.orders..");

  @ArchTest
  static final ArchRule archivesAreTheDistributionsMatter =
      noClasses()
          .that()
          .resideOutsideOfPackage("..workbench.distribution..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.commons.compress..");

  @ArchTest
  static final ArchRule theDistributionKnowsNoStory =
      noClasses()
          .that()
          .resideInAPackage("..workbench.distribution..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "dev.whetstone.workbench", "..workbench.step..", "..workbench.orders..");
}
