"""What is known about the robot and the objects around it, from topics and detections."""
