package dev.whetstone.leaderboard;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "dev.whetstone.leaderboard", importOptions = DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule templatesStayInPage =
      noClasses()
          .that()
          .resideOutsideOfPackage("..leaderboard.page..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("gg.jte..");

  @ArchTest
  static final ArchRule databaseStaysInStore =
      noClasses()
          .that()
          .resideOutsideOfPackage("..leaderboard.store..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.jdbi..", "org.flywaydb..", "org.sqlite..", "java.sql..");

  @ArchTest
  static final ArchRule serverStaysInWeb =
      noClasses()
          .that()
          .resideOutsideOfPackage("..leaderboard.web..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("io.javalin..", "org.eclipse.jetty..", "jakarta.servlet..");

  @ArchTest
  static final ArchRule schedulerStaysInSchedule =
      noClasses()
          .that()
          .resideOutsideOfPackage("..leaderboard.schedule..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("com.github.kagkarlsson..", "com.cronutils..");

  @ArchTest
  static final ArchRule noModelRunsHere =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("ai.djl..", "org.apache.spark..", "dev.whetstone.models..");

  @ArchTest
  static final ArchRule picocliStaysInCommands =
      noClasses()
          .that()
          .resideOutsideOfPackage("..leaderboard.command..")
          .and()
          .doNotHaveSimpleName("LeaderboardMain")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("picocli..");

  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("dev.whetstone.leaderboard.(*)..").should().beFreeOfCycles();
}
