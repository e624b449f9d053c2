"""The shells: one module per group of arrows of the pipeline.

Each reads through ports, asks a stage for the decision, and writes through
ports. Rules stand in the stages; here stand only order, retries on a lost
condition, and what must be durable before what.
"""
