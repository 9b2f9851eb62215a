# The orchestrator on ROS 2 Jazzy.   docker build -t execution_orchestrator .
# docker run --rm --net=host -e ROS_DOMAIN_ID -e RMW_IMPLEMENTATION -v $PWD/my_robot:/config execution_orchestrator \
#   ros2 launch execution_orchestrator orchestrator.launch.py params_file:=/config/params.yaml
FROM ros:jazzy AS workspace
SHELL ["/bin/bash", "-c"]
RUN apt-get update && apt-get install --yes --no-install-recommends python3-pip \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /ws
COPY requirements.txt src/execution_orchestrator/requirements.txt
# Ubuntu keeps pip from installing beside its own packages unless told so; the image is nobody else's.
# An older typing_extensions of Ubuntu's cannot be replaced by pip: a newer one goes beside it.
RUN pip install --no-cache-dir --break-system-packages --ignore-installed typing_extensions \
    && pip install --no-cache-dir --break-system-packages -r src/execution_orchestrator/requirements.txt
COPY package.xml src/execution_orchestrator/package.xml
RUN apt-get update && rosdep update --rosdistro jazzy \
    && rosdep install --from-paths src --ignore-src --yes && rm -rf /var/lib/apt/lists/*

FROM workspace
COPY . src/execution_orchestrator
RUN source /opt/ros/jazzy/setup.bash && colcon build --event-handlers console_direct+
# The journal of running robots has to outlive the container.
ENV ROS_HOME=/var/lib/ros
VOLUME /var/lib/ros
ENTRYPOINT ["/bin/bash", "-c", "source /ws/install/setup.bash && exec \"$@\"", "--"]
CMD ["ros2", "launch", "execution_orchestrator", "orchestrator.launch.py"]
