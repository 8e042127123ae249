/**
 * What happens on the simulated server: experiments, runs and deployments over time.
 */
@NullMarked
package io.mlflowexporter.demo.life;

import org.jspecify.annotations.NullMarked;
