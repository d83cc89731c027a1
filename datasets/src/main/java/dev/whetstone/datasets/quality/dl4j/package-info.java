/** The one package that knows Deeplearning4j, which is frozen upstream. */
package dev.whetstone.datasets.quality.dl4j;
