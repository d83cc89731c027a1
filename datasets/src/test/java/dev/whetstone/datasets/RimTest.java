package dev.whetstone.datasets;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import org.junit.jupiter.api.Test;

/** Frameworks stand at the rim of this room. */
class RimTest {
  private static final JavaClasses ROOM =
      new ClassFileImporter()
          .withImportOption(new DoNotIncludeTests())
          .importPackages("dev.whetstone.datasets");

  @Test
  void onlyJobAndSinkKnowSparkAndHadoop() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.whetstone.datasets.job..", "dev.whetstone.datasets.sink..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "scala..")
        .check(ROOM);
  }

  @Test
  void theMiddleKnowsNeitherArrowNorCommands() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "..rows..",
            "..read..",
            "..clean..",
            "..dedup..",
            "..decontaminate..",
            "..split..",
            "..quality..",
            "..report..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.arrow..", "picocli..", "dev.whetstone.datasets.job..")
        .check(ROOM);
  }

  @Test
  void oneDoorLeadsToDeeplearning4j() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.whetstone.datasets.quality.dl4j")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.deeplearning4j..", "org.nd4j..", "org.bytedeco..")
        .check(ROOM);
  }
}
