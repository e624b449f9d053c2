"""What is deployed on AWS, as data: the resources beside the functions that `chalice package` writes."""
