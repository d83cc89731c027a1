/**
 * Spark jobs: raw rows to an Arrow dataset. {@code job.PrepareDataset} is the page that lists the
 * steps; the packages beside it are plain functions, and only {@code job} and {@code sink} know
 * Spark.
 */
package dev.whetstone.datasets;
