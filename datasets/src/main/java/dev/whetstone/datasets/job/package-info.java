/** The Spark job: wires the plain functions of the other packages into data frames. */
package dev.whetstone.datasets.job;
