package dev.whetstone.datasets.report;

/** The report as one HTML file. */
public final class ReportPage {
  private ReportPage() {}

  public static String html(ReportData data) {
    return "<!doctype html><title>" + data.read() + "</title>";
  }
}
